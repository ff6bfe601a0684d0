import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: string;
}

const { Statement: statements }: { Statement: readonly Statement[] } = JSON.parse(readFileSync('ram-policy.json', 'utf8'));
const allowed = statements.flatMap(({ Action }) => Action);

/** Where a permission is not called as its action: https://github.com/AlibabaCloudDocs/alikafka, RAM policies. */
const permissions: { readonly [action: string]: string } = {
  GetInstanceList: 'ListInstance',
  GetTopicList: 'ListTopic',
  GetTopicStatus: 'ListTopic',
  GetConsumerList: 'ListGroup',
  GetConsumerProgress: 'ListGroup',
  CreateConsumerGroup: 'CreateGroup',
  DeleteConsumerGroup: 'DeleteGroup',
  GetLogs: 'GetLogStoreLogs',
};

const folder = 'scripts/connector/cloud';
const actions = readdirSync(folder).flatMap((file) =>
  [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/call\((?:product|'[^']+'), '(\w+)'/g)].map(([, action = '']) => action),
);

test('there are calls to look for', () => {
  expect(actions.length).toBeGreaterThan(30);
});

test.each(actions)('ram-policy.json allows %s', (action) => {
  const names = allowed.map((permission) => permission.split(':')[1]);
  expect(names).toContain(permissions[action] ?? action);
});

test('PassRole is limited to one role, and nothing is allowed by a star', () => {
  expect(statements.find(({ Action }) => Action.includes('ram:PassRole'))?.Resource).toBe('acs:ram:*:*:role/aliyunfcdefaultrole');
  expect(allowed.filter((permission) => permission.includes('*'))).toEqual([]);
});
