import type { estypes } from '@elastic/elasticsearch';
import { canName } from '../../../shared/index-pattern.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { Request, Response } from './client.ts';
import { unverified } from './unverified.ts';

/** Requests what is good to know; resolves to undefined where nothing answers. */
type Look = (request: Request) => Promise<Response | undefined>;

/**
 * An index that `ERROR_INDEX` stands for and records may go to as well, by whatever alias, or undefined, also where the account may not look: an error
 * record among documents would be taken for its record's document.
 */
export async function findCommonIndex({ ERROR_INDEX, ES_INDEX, SOURCE_TOPIC }: Settings, look: Look): Promise<string | undefined> {
  if (ERROR_INDEX === undefined) return undefined;
  const response = await look({ method: 'GET', path: `/${encodeURIComponent(ERROR_INDEX)}/_alias` });
  if (response?.status !== 200) return undefined;
  const indices = Object.entries(unverified<estypes.IndicesGetAliasResponse>(response.json));
  const common = indices.find(([index, state]) => namesOf(index, state).some((name) => canName(ES_INDEX, name, SOURCE_TOPIC)));
  return common?.[0];
}

/** What an index is written to by: its name, its aliases, and the data stream that it would be of. */
function namesOf(index: string, state: unknown): string[] {
  const { aliases } = unverified<estypes.IndicesGetAliasIndexAliases>(state);
  const [, stream] = /^\.ds-(.+?)(?:-\d{4}\.\d{2}\.\d{2})?-\d{6}$/.exec(index) ?? [];
  return [index, ...(stream === undefined ? [] : [stream]), ...Object.keys(unverified(aliases))];
}
