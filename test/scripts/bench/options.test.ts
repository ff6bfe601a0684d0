import { expect, test } from 'vitest';
import { parseOptions } from '../../../scripts/bench/options.ts';

const usual = { guard: false, json: undefined, write: false, peers: { real: false, records: 200_000, rounds: 3 } };

test.each([
  [[], { ...usual, sections: ['function', 'client', 'peers'] }],
  [['peers', 'function'], { ...usual, sections: ['function', 'peers'] }],
  [['guard'], { ...usual, sections: [], guard: true }],
  [
    ['peers', '--real', '--records', '5000', '--rounds', '1', '--json', 'out.json', '--write'],
    { guard: false, json: 'out.json', write: true, sections: ['peers'], peers: { real: true, records: 5000, rounds: 1 } },
  ],
  [['--help'], undefined],
])('npm run bench -- %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

test.each([
  [['perrs'], "'perrs' is no section; allowed are function, client, peers and guard"],
  [['guard', 'peers'], 'guard: is run alone; leave the other sections out'],
  [['--records', '0'], "--records: '0' is not allowed; give a positive integer"],
  [['--rounds', '1.5'], "--rounds: '1.5' is not allowed; give a positive integer"],
  [['--unknown'], "Unknown option '--unknown'"],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
