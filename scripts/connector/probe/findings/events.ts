import { type Finding, seconds } from '../finding.ts';
import { type Push, pushesOf } from '../receiver-lines.ts';
import type { Workbench } from '../workbench.ts';

/** How long a start may take that `s deploy` and `s resume` wait for. */
const startSeconds = 120;
/** The limit of an event bus, of which it is not known whether it holds for streams: https://www.alibabacloud.com/help/en/eventbridge/product-overview/limits */
const largeBytes = 300 * 1024;

/** What a stream that works tells and delivers. */
export const eventFindings: readonly Finding[] = [
  {
    name: 'stream-start',
    question: 'How long does the stream of a new trigger take until it runs, and what is it called until then?',
    assumed: `RUNNING within ${startSeconds} s, STARTING before`,
    how: 'creates the trigger, and reads the status of its stream until it is RUNNING',
    otherwise: 'deploy and resume would give up too early, or take a stream that starts for one that has stopped',
    measure: async (workbench) => {
      const seen = await firstStart(workbench);
      const last = seen.at(-1);
      const found = seen.map(({ ms, status }) => `${status} after ${seconds(ms)} s`).join(', ');
      const isOnTime = last !== undefined && last.ms <= startSeconds * 1000;
      return { found, holds: isOnTime && seen.slice(0, -1).every(({ status }) => status === 'STARTING') };
    },
  },
  {
    name: 'trigger-fields',
    question: 'What does GetTrigger return, and does `sourceArn` name the stream?',
    assumed: 'the configuration as it was given, `triggerEnable` true once the stream runs, and `…:eventstreaming/<name>`',
    how: 'reads the trigger while its stream runs, and the stream by that name',
    otherwise: 'every plan would show a change, or no command could tell whether the stream runs',
    measure: async (workbench) => {
      await firstStart(workbench);
      const trigger = await workbench.trigger.row();
      const { status } = await workbench.trigger.state();
      const missing = await workbench.trigger.missingConfig();
      const found = [
        `fields ${Object.keys(trigger).sort().join(', ')}`,
        `stream ${status}`,
        missing.length === 0 ? 'the configuration as given' : `of the configuration differ ${missing.join(', ')}`,
      ];
      return { found: found.join('; '), holds: status !== 'UNKNOWN' && missing.length === 0 };
    },
  },
  {
    name: 'elements',
    question: 'Which form has an element of an event?',
    assumed: 'an object of CloudEvents, with the record in `data` and its value as a text; no `key` where it is null',
    how: 'sends a record without a key, and lets the function tell the names and types that it was given',
    otherwise: 'the function reads texts, too; any other form would be rejected records',
    measure: async (workbench) => {
      const { hasKey, shapes, valueType } = await firstDelivery(workbench);
      const [shape = ''] = shapes;
      const isAssumed = /^\{.*\bspecversion: string.*\bdata: \{.*\btopic: string.*\boffset: number/.test(shape);
      return { found: shape === 'string' ? 'a text' : shape, holds: isAssumed && !hasKey && valueType === 'string' };
    },
  },
  {
    name: 'headers',
    question: 'Which form have the headers of a record?',
    assumed: '`[{"key": …, "value": …}]`',
    how: 'sends a record with two headers',
    otherwise: 'with DOCUMENT_SHAPE=value-with-metadata, `kafka.headers` of documents holds another form',
    measure: async (workbench) => {
      const { headers } = await firstDelivery(workbench);
      return { found: headers === '' ? 'none' : headers, holds: /^\[\{"key":"[^"]*","value":"[^"]*"\}/.test(headers) };
    },
  },
  {
    name: 'large-records',
    question: 'Are records over 256 KB delivered?',
    assumed: 'yes, whole',
    how: `sends one of ${largeBytes / 1024} KB`,
    otherwise: 'such records become dead letters, or are lost: the connector must not be used for them',
    measure: async (workbench) => {
      await workbench.trigger.deliver({});
      await workbench.send({ scenario: 'large', number: 0, bytes: largeBytes });
      const push = await firstPush(workbench, 'large');
      if (!push) return { found: `not delivered within ${workbench.limits.delivery} s`, holds: false };
      const isWhole = push.valueLength > largeBytes;
      return { found: isWhole ? 'delivered' : `delivered with a value of ${push.valueLength} characters`, holds: isWhole };
    },
  },
  {
    name: 'raw-data',
    question: 'Which form has an element with `eventSchema: RawData`?',
    assumed: 'what `data` of CloudEvents holds',
    how: 'changes the trigger, and sends a record',
    otherwise: 'trigger.eventSchema: RawData must not be used',
    measure: async (workbench) => {
      await workbench.trigger.deliver({ eventSchema: 'RawData' });
      await workbench.send({ scenario: 'raw', number: 0 });
      const push = await firstPush(workbench, 'raw');
      const shape = push?.shapes[0];
      if (shape === undefined) return { found: `no record that can be read within ${workbench.limits.delivery} s`, holds: false };
      return { found: shape, holds: /^\{topic: string, .*offset: number/.test(shape) && !shape.includes('specversion') };
    },
  },
  {
    name: 'position-kept',
    question: 'Does a trigger that is deleted and made anew go on where its group stands?',
    assumed: 'yes, whatever OffsetReset says',
    how: 'lets a record be delivered and committed, replaces the trigger, sends another, and looks which arrive',
    otherwise: 'a trigger that is replaced, and a connector that moves or is adopted, would deliver all records again, or lose some',
    measure: async (workbench) => {
      await workbench.trigger.deliver({});
      await workbench.send({ scenario: 'kept', number: 0 });
      const { found: first } = await workbench.pace.until('the record to be delivered', workbench.limits.delivery, () =>
        lookForPush(workbench, 'kept'),
      );
      await workbench.pace.until('its position to be committed', workbench.limits.delivery, () => isCommitted(workbench, first));
      await workbench.trigger.delete();
      await workbench.trigger.deliver({});
      await workbench.send({ scenario: 'kept', number: 1 });
      const second = await workbench.pace.within('the second record', workbench.limits.delivery, async () =>
        pushesOf(await workbench.lines(), 'kept').find(({ number }) => number === 1),
      );
      if (!second) return { found: `the second record did not come within ${workbench.limits.delivery} s`, holds: false };
      const times = pushesOf(await workbench.lines(), 'kept').filter(({ number }) => number === 0).length;
      return { found: times === 1 ? 'it goes on' : `the first record came ${times} times`, holds: times === 1 };
    },
  },
];

async function isCommitted({ cloud, names, props }: Workbench, { offset, partition }: Push): Promise<true | undefined> {
  const group = await cloud.kafka.consumerGroup(props.kafka.instanceId, names.consumerGroup);
  const row = group?.partitions.find((one) => one.topic === names.topic && one.partition === partition);
  return (row !== undefined && row.committed > offset) || undefined;
}

function firstStart(workbench: Workbench) {
  return workbench.pace.once('first start', () => workbench.trigger.deliver({}));
}

function firstDelivery(workbench: Workbench): Promise<Push> {
  return workbench.pace.once('first delivery', async () => {
    await workbench.trigger.deliver({});
    await workbench.send({ scenario: 'first', number: 0 }, { headers: { 'probe-header': 'a', 'probe-other': 'b' } });
    const { found } = await workbench.pace.until('the record to be delivered', workbench.limits.delivery, () =>
      lookForPush(workbench, 'first'),
    );
    return found;
  });
}

function firstPush(workbench: Workbench, scenario: string): Promise<Push | undefined> {
  return workbench.pace.within('the record to be delivered', workbench.limits.delivery, () => lookForPush(workbench, scenario));
}

async function lookForPush(workbench: Workbench, scenario: string): Promise<Push | undefined> {
  return pushesOf(await workbench.lines(), scenario)[0];
}
