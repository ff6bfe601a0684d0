import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsPattern } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/template.ts';

test('a name fits the pattern of a template as an expression would have it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
      expect(fitsPattern(pattern, name)).toBe(new RegExp(`^${expression}$`).test(name));
    }),
    { numRuns: 5000 },
  );
});

test('a pattern of many stars takes no time', () => {
  expect(fitsPattern(`${'a*'.repeat(100)}b`, 'a'.repeat(250))).toBe(false);
});
