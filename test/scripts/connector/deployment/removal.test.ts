import { expect, test } from 'vitest';
import { namesOf } from '../../../../scripts/connector/config/names.ts';
import { readProps } from '../../../../scripts/connector/config/props.ts';
import { divideForRemoval } from '../../../../scripts/connector/deployment/removal.ts';
import { propsFor } from '../../../support/cloud/run-command.ts';
import { surveyWith } from '../../../support/cloud/survey.ts';

const props = readProps(propsFor('orders'));
const names = namesOf(props, '1');
const marked = { topic: 'letters', partitions: 1, storage: 'cloud' as const, compact: false, remark: names.remark };
const other = { connector: 'theirs', topic: 'orders', generation: '2.0' as const, name: 'service-1', environment: {}, topics: [] };

test.each([
  ['that could not be looked into keeps', props.kafka.instanceId, false, true],
  ['that was looked into does not keep', props.kafka.instanceId, true, false],
  ['of another instance does not keep', 'alikafka_pre-cn-other', false, false],
])('another connector %s a topic that this one has made', (_what, instanceId, isKnown, isKept) => {
  const survey = surveyWith({ topics: [marked], others: [{ ...other, instanceId, isKnown }] });
  const { kept, taken } = divideForRemoval({ props, names, survey, withTopics: true, hasOtherStores: false });
  const why = 'connector theirs may use it: service service-1 could not be looked into';
  expect(kept).toEqual(isKept ? [{ kind: 'topic', name: 'letters', why }] : []);
  expect(taken.map(({ name }) => name)).toEqual(isKept ? [] : ['letters']);
});
