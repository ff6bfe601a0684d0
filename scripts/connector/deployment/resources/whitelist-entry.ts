import { missingFromWhitelist } from '../checks/elasticsearch.ts';
import type { Provider } from './provider.ts';

export interface WhitelistEntryFields {
  readonly instanceId: string;
}

/** A network that Elasticsearch lets in; others may rest on one that is there, so it is never taken away. */
export const whitelistEntry: Provider<WhitelistEntryFields> = {
  desired: ({ survey }) => missingFromWhitelist(survey).map((name) => ({ name, instanceId: survey.elasticsearch?.instanceId ?? '' })),
  found: () => [],
  create: ({ name, instanceId }, { cloud }) => cloud.elasticsearch.allow(instanceId, name),
};
