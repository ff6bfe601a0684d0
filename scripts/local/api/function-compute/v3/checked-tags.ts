import { isObject } from '../../http.ts';
import type { Tag } from '../functions.ts';
import { invalid } from '../resource.ts';

const mostTags = 20;
const longestKey = 64;
const longestValue = 128;

/** A list of `{Key, Value}`; throws `CloudError` for one that is not allowed. */
export function checkedTags(value: unknown): Tag[] {
  if (!Array.isArray(value)) throw invalid('tags is not a list');
  const tags = value.map(checkedTag);
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalid('tags: a key is given twice');
  if (tags.length > mostTags) throw invalid(`tags: ${tags.length}, of which ${mostTags} are allowed`);
  return tags;
}

/** https://www.alibabacloud.com/help/doc-detail/137457.htm */
function checkedTag(value: unknown): Tag {
  const { Key, Value = '' } = isObject(value) ? value : {};
  const isTag =
    typeof Key === 'string' && typeof Value === 'string' && Key !== '' && Key.length <= longestKey && Value.length <= longestValue;
  if (!isTag || /^(aliyun|acs:)|https?:\/\//i.test(Key)) throw invalid(`tag ${JSON.stringify(Key)} is not allowed`);
  return { Key, Value };
}
