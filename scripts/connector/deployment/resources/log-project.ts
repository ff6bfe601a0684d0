import { logProjectMark } from '../../config/names.ts';
import type { Provider } from './provider.ts';

/** The log project that all connectors of the account share in a region. */
export const logProject: Provider<object> = {
  desired: ({ names, props }) => (typeof props.function.logConfig === 'object' ? [] : [{ name: names.logProject }]),
  found: ({ names, survey }) => (survey.logs.projectDescription === undefined ? [] : [{ name: names.logProject }]),
  create: ({ name }, { cloud }) => cloud.logs.createProject(name, logProjectMark),
  delete: async ({ name }, { cloud }) => {
    // Other connectors of the account may have stores in it.
    if ((await cloud.logs.logstores(name)).length === 0) await cloud.logs.deleteProject(name);
  },
};
