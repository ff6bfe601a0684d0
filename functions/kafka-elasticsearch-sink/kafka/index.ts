// The package's second file: few instances ever talk to brokers, and the Kafka client takes as long to load as all the rest.

export { sendErrorData } from './error-data.ts';
export { produce } from './produce.ts';
export { PositionReader } from './read.ts';
export { checkKafka } from './readiness.ts';
