/**
 * Parses the response to a bulk request of `count` operations. Mostly all of them had the same outcome, and its text stands there again and again:
 * then it is parsed once, and the items are one object. Throws when the text is not JSON.
 */
export function parseBulkResponse(text: string, count: number): unknown {
  return parseRepeated(text, count) ?? JSON.parse(text);
}

/** The response that repeats one outcome, parsed once; undefined where the text is not that of one. */
function parseRepeated(text: string, count: number): object | undefined {
  const start = text.indexOf('[') + 1;
  const end = text.lastIndexOf(']');
  const length = (end - start - (count - 1)) / count;
  const item = text.slice(start, start + length);
  if (!Number.isInteger(length) || text.slice(start, end) !== `${item},`.repeat(count - 1) + item) return undefined;
  try {
    // Both are JSON, so that each repetition is one item, and all stand in the array of the items.
    const outcome: unknown = JSON.parse(item);
    const frame: unknown = JSON.parse(text.slice(0, start) + text.slice(end));
    return hasNoItems(frame) ? { ...frame, items: Array(count).fill(outcome) } : undefined;
  } catch {
    return undefined;
  }
}

function hasNoItems(response: unknown): response is { readonly items: readonly [] } {
  return (
    typeof response === 'object' && response !== null && 'items' in response && Array.isArray(response.items) && response.items.length === 0
  );
}
