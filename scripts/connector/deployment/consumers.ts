import type { Props } from '../config/schema.ts';

/** How many read the topic at a time: tasks in 2.0, deliveries in 3.0; more than the topic has partitions would be idle. */
export function consumersOf(props: Props, partitions: number = props.kafka.consumerThreads): number {
  return deliversInOrder(props) ? 1 : Math.min(props.kafka.consumerThreads, partitions);
}

/**
 * Whether batches are delivered one after the other: in 3.0 no page says that those which are delivered side by side are of different partitions, and
 * of records with one key the last must win.
 */
export function deliversInOrder({ document, function: { api } }: Props): boolean {
  return api === '3.0' && document.id === 'key';
}
