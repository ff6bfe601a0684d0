/** Service-linked roles that this path needs, by the service that takes them: https://github.com/devsapp/fc-deploy */
export const serviceLinkedRoles: readonly (readonly [string, string])[] = [
  ['sendevent-fc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToFC'],
  ['source-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSourceKafka'],
  ['connect-vpc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeConnectVPC'],
];
/** By which Function Compute 3.0 uses networks and logs of an account where the function has no role: https://www.alibabacloud.com/help/en/functioncompute/security-and-compliance/service-linked-role-of-function-compute */
export const functionComputeRole = ['fc.aliyuncs.com', 'AliyunServiceRoleForFC'] as const;
/** By which streams write dead letters into a topic. */
export const deadLetterRole = ['sendevent-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToKafka'] as const;
