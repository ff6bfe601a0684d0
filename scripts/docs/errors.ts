import { failures, rejections } from '../../shared/errors.ts';
import { code, page, table } from './markdown.ts';

/** The page of every error that the function throws and of every reason to reject a record, from `shared/errors.ts`. */
export function renderErrors(): string {
  return page('Errors and rejections', [
    'From [`shared/errors.ts`](../../shared/errors.ts). What each kind of failure does to its batch: [how it works](../how-it-works.md#whose-fault-a-failure-is).',
    '## Errors of an invocation',
    'The name is what Function Compute reports as `errorType`. Whatever the error, the trigger delivers the batch again; the last column says whether that can help.',
    table(['error', 'cause', 'what to do', 'redelivery can help'], errorRows()),
    '## Rejected records',
    'A record that can never be written is named in the log, with its position and one of these types, or with one of Elasticsearch, such as `mapper_parsing_exception`.',
    table(['type', 'the record can never be written, because'], rejectionRows()),
  ]);
}

function errorRows(): string[][] {
  return Object.entries(failures).map(([name, { cause, remedy, isRetriable }]) => [code(name), cause, remedy, isRetriable ? 'yes' : 'no']);
}

function rejectionRows(): string[][] {
  return Object.entries(rejections).map(([type, cause]) => [code(type), cause]);
}
