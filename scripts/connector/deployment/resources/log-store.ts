import type { Provider } from './provider.ts';

/** Days that the log store keeps lines. */
export const logRetentionDays = 30;

export interface LogStoreFields {
  readonly project: string;
  /** The retention in days. */
  readonly ttl: number;
}

/** The store that the function's lines go to. */
export const logStore: Provider<LogStoreFields> = {
  desired: ({ names: { logProject: project, logstore: name }, props }) =>
    typeof props.function.logConfig === 'object' ? [] : [{ name, project, ttl: logRetentionDays }],
  found: ({ names: { logProject: project, logstore: name }, survey: { logs } }) =>
    logs.ttl === undefined ? [] : [{ name, project, ttl: logs.ttl }],
  create: ({ name, project, ttl }, { cloud }) => cloud.logs.createLogstore(project, name, ttl),
  delete: ({ name, project }, { cloud }) => cloud.logs.deleteLogstore(project, name),
  isKeptAsFound: true,
};
