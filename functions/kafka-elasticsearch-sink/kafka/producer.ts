import { type ICustomPartitioner, type Message, Partitioners, type Producer } from 'kafkajs';
import type { Connection } from './connection.ts';

/** The messages of one request. Topics take 1 MB and more, and their limit counts what goes to one partition together. */
const maxRequestBytes = 512 * 1024;

interface ProducerOptions {
  /** How often a request is retried whose response was lost, after which its messages may be there twice. */
  readonly retries: number;
  readonly createPartitioner?: ICustomPartitioner;
}

/** Lets `use` send with a producer, which is not idempotent: ApsaraMQ's topics with cloud storage refuse those. */
export async function withProducer<Result>(
  { kafka }: Connection,
  { createPartitioner = Partitioners.DefaultPartitioner, retries }: ProducerOptions,
  use: (producer: Producer) => Promise<Result>,
): Promise<Result> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: false, createPartitioner, retry: { retries } });
  await producer.connect();
  return use(producer);
}

/** Cuts messages, in their order, into requests. */
export function* intoRequests(messages: readonly Message[]): Generator<Message[]> {
  let request: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (request.length > 0 && bytes + size > maxRequestBytes) {
      yield request;
      [request, bytes] = [[], 0];
    }
    request.push(message);
    bytes += size;
  }
  if (request.length > 0) yield request;
}

function sizeOf({ headers = {}, key, value }: Message): number {
  const texts = [key, value, ...Object.entries(headers).flat()];
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0), 0);
}
