const secretVariables = ['ES_PASSWORD', 'ES_API_KEY', 'KAFKA_PASSWORD', 'AccessKeySecret', 'SecurityToken'];

/** The secrets that the environment holds, which no text may repeat. */
export function secretsInEnvironment(): string[] {
  return secretVariables.flatMap((name) => process.env[name] || []);
}
