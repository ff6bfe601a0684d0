import { maxReplayedPerCommand, type ReplayCommand, type ReplayResponse } from '../../../shared/commands.ts';
import type { Command } from '../decode.ts';
import { findCommonIndex } from '../elasticsearch/common-index.ts';
import { ArgumentReader, openReader, type UnverifiedArguments } from './arguments.ts';
import { readChoice } from './choice.ts';
import { replayIndex } from './replay-index.ts';
import { ReplayTally } from './replay-tally.ts';
import { replayTopic, type TopicPage } from './replay-topic.ts';
import type { Tools } from './tools.ts';

/**
 * Delivers records again, page by page, with their original positions, so that nothing is doubled; what was delivered is not delivered again by the
 * next replay. Throws `EventInvalid`, `SettingsInvalid`, or what keeps records from being read or written: then the page is as it was.
 */
export async function replay(command: Command, tools: Tools): Promise<ReplayResponse> {
  const sent: UnverifiedArguments<ReplayCommand> = command;
  const read = new ArgumentReader('replay');
  const page: Page = {
    count: Math.min(sent.count === undefined ? maxReplayedPerCommand : read.count('count', sent.count), maxReplayedPerCommand),
    choice: readChoice(sent, read),
    dryRun: sent.dryRun === true,
  };
  if (sent.force !== true) requireSafeIds(sent.from, tools, read);
  switch (sent.from) {
    case 'error-index':
      return fromIndex(sent, page, tools, read);
    case 'error-data':
    case 'dead-letter':
      return fromTopic(sent.from, sent, page, tools, read);
    default:
      throw read.invalid('`from` is not error-data, error-index or dead-letter');
  }
}

/** What pages of all sources have. */
type Page = Pick<TopicPage, 'count' | 'choice' | 'dryRun'>;

async function fromIndex(
  { offset }: UnverifiedArguments<ReplayCommand>,
  page: Page,
  tools: Tools,
  read: ArgumentReader,
): Promise<ReplayResponse> {
  const { ERROR_INDEX: index } = tools.session.settings;
  if (index === undefined) throw read.invalid('the function has no ERROR_INDEX');
  await requireAnotherIndex(tools, read);
  const after = offset === undefined || offset === 0 ? undefined : read.cursor('offset', offset);
  const tally = new ReplayTally();
  return tally.response(await replayIndex({ ...page, index, after }, tools, tally));
}

async function fromTopic(
  from: 'error-data' | 'dead-letter',
  sent: UnverifiedArguments<ReplayCommand>,
  page: Page,
  tools: Tools,
  read: ArgumentReader,
): Promise<ReplayResponse> {
  const { ERROR_DATA_TOPIC } = tools.session.settings;
  const topic = from === 'error-data' || sent.topic === undefined ? ERROR_DATA_TOPIC : read.topic('topic', sent.topic);
  if (topic === undefined) throw read.invalid('the function has no ERROR_DATA_TOPIC, and `topic` names no other');
  const kind = from === 'error-data' ? 'error' : 'dead-letter';
  const start = { partition: read.count('partition', sent.partition ?? 0), offset: read.count('offset', sent.offset ?? 0) };
  const tally = new ReplayTally();
  const reader = await openReader('replay', tools);
  try {
    return tally.response(await replayTopic({ ...page, ...start, kind, topic }, tools, reader, tally));
  } finally {
    reader.close();
  }
}

/** An error record in the index of the documents would be taken for its record's document, and deleted as delivered. */
async function requireAnotherIndex({ send, session: { settings } }: Tools, read: ArgumentReader): Promise<void> {
  const both = await findCommonIndex(settings, send);
  if (both !== undefined) throw read.invalid(`ERROR_INDEX and ES_INDEX both stand for ${both}: name another index for rejected records`);
}

/** A record that is delivered late must not replace a newer one, nor be a second document. */
function requireSafeIds(from: unknown, { session: { settings } }: Tools, read: ArgumentReader): void {
  const { DOCUMENT_ID, DOCUMENT_VERSION, NULL_VALUE } = settings;
  if (DOCUMENT_ID === 'key' && DOCUMENT_VERSION === 'none') {
    throw read.invalid(
      'with DOCUMENT_ID=key and no versions an older record would replace a newer one of its key; `force` does it all the same',
    );
  }
  // The version of what is deleted is kept for a minute: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/index-modules.html#index-gc-deletes
  if (NULL_VALUE === 'delete') {
    throw read.invalid(
      'with NULL_VALUE=delete an older record would bring back what a newer one of its key deleted; `force` does it all the same',
    );
  }
  if (DOCUMENT_ID === 'auto' && from === 'dead-letter') {
    throw read.invalid('with DOCUMENT_ID=auto what had been written of a batch would be there twice; `force` does it all the same');
  }
}
