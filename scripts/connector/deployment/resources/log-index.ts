import type { Provider } from './provider.ts';

export interface LogIndexFields {
  readonly project: string;
}

/** The index of the log store, without which no line can be found; it goes with its store. */
export const logIndex: Provider<LogIndexFields> = {
  desired: ({ names: { logProject: project, logstore: name }, props }) =>
    typeof props.function.logConfig === 'object' ? [] : [{ name, project }],
  found: ({ names: { logProject: project, logstore: name }, survey }) => (survey.logs.hasIndex ? [{ name, project }] : []),
  create: ({ name, project }, { cloud }) => cloud.logs.createIndex(project, name),
};
