// The package's second file: few instances ever talk to brokers, and the Kafka client takes as long to load as all the rest.

export { checkBrokers } from './check-brokers.ts';
export { sendErrorRecords } from './error-records.ts';
export { PositionReader } from './position-reader.ts';
export { produce } from './produce.ts';
export { sendToPartition } from './send-to-partition.ts';
export { TopicReader } from './topic-reader.ts';
