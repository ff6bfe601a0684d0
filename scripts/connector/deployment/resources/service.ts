import { desiredPlacement, foundPlacement, newName, type PlacementFields, placementOptions } from './placement.ts';
import type { Provider } from './provider.ts';

/** The service that the function lies in; there is none in 3.0. */
export const service: Provider<PlacementFields> = {
  desired: (context) => (context.props.function.api === '2.0' ? [desiredPlacement(context)] : []),
  found: ({ own }) => (own?.generation === '2.0' ? [{ name: own.name, ...foundPlacement(own.row) }] : []),
  create: async (resource, context) => {
    const serviceName = newName(resource.name);
    await context.cloud.functionCompute2.createService(serviceName, placementOptions(resource, context));
    await context.madeFunction(serviceName);
  },
  change: (resource, context) => context.cloud.functionCompute2.updateService(resource.name, placementOptions(resource, context)),
  delete: ({ name }, { cloud }) => cloud.functionCompute2.deleteService(name),
};
