/** The function, which does nothing where it is given the same again. */
export function rememberLast<Key extends string, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { readonly key: Key; readonly value: Value } | undefined;
  return (key) => {
    if (key !== last?.key) last = { key, value: make(key) };
    return last.value;
  };
}
