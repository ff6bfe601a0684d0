import type { Provider } from './provider.ts';

/** Roles by which products act for the account; they are no connector's own. */
export const serviceLinkedRole: Provider<object> = {
  desired: ({ survey }) => survey.roles.map(({ serviceName }) => ({ name: serviceName })),
  found: ({ survey }) => survey.roles.filter(({ exists }) => exists).map(({ serviceName }) => ({ name: serviceName })),
  create: ({ name }, { cloud }) => cloud.resourceManager.createServiceLinkedRole(name),
};
