import { expect, test } from 'vitest';
import { Failure } from '../../shared/errors.ts';

test('the message of an error shows what a topic or a server put into it, and obeys none of it', () => {
  const { message } = new Failure('RecordsRejected', 'two\nlines\u001b[2J\u009b\u202e of 杭😀', 'and one of its own');
  expect(message).toBe('two\\u000alines\\u001b[2J\\u009b\\u202e of 杭😀\nand one of its own');
});
