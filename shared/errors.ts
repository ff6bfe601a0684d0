/** Every error the function throws: why, and what the user can do. The name is what Function Compute reports as `errorType`. */
const failures = {
  EventInvalid: {
    cause: 'the event is not a UTF-8 JSON array of records',
    remedy: "send the connector's own format; see the README, one record's way",
  },
  SettingsInvalid: {
    cause: 'an environment variable of the function is missing or wrong',
    remedy: 'correct the variables named in the message',
  },
  RecordsRejected: {
    cause: 'Elasticsearch refused records of the batch; the others were written',
    remedy: 'correct the mapping of the index, or remove the records named in the message',
  },
  ElasticsearchUnavailable: {
    cause: 'Elasticsearch did not answer, or not as expected; nothing is known to be written',
    remedy: 'none while it heals: the batch is delivered again',
  },
} as const;

export type FailureName = keyof typeof failures;

/** An error of the closed list above; its message never holds a secret or a record's content. */
export class Failure extends Error {
  override readonly name: FailureName;

  constructor(name: FailureName, message: string) {
    super(message);
    this.name = name;
  }
}
