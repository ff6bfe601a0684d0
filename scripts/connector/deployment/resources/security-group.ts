import { madeByPlan, type Provider } from './provider.ts';

export interface SecurityGroupFields {
  readonly vpcId: string;
}

/** The group that the function's network interfaces are in, where the properties name none. */
export const securityGroup: Provider<SecurityGroupFields> = {
  desired: ({ names, props, survey }) =>
    typeof props.function.vpcConfig === 'object' ? [] : [{ name: names.securityGroup, vpcId: survey.network.vpcId ?? '' }],
  found: ({ names, props, survey: { network } }) =>
    typeof props.function.vpcConfig === 'object' || !network.securityGroup
      ? []
      : [{ name: names.securityGroup, vpcId: network.securityGroup.vpcId }],
  create: async ({ name, vpcId }, context) => {
    context.madeSecurityGroup(await context.cloud.ecs.createSecurityGroup(vpcId, name, context.names.securityGroupMark));
  },
  delete: (_resource, context) => context.cloud.ecs.deleteSecurityGroup(context.securityGroup(madeByPlan)),
};
