import type { Finding } from '../finding.ts';
import { accountFindings } from './account.ts';
import { endFindings } from './end.ts';
import { eventFindings } from './events.ts';
import { failureFindings } from './failures.ts';
import { functionFindings } from './function.ts';
import { groupFindings } from './group.ts';
import { orderFindings } from './order.ts';

/** In the order in which they are measured: what changes little comes first, what takes something away last. */
export const allFindings: readonly Finding[] = [
  ...accountFindings,
  ...functionFindings,
  ...groupFindings,
  ...eventFindings,
  ...orderFindings,
  ...failureFindings,
  ...endFindings,
];
