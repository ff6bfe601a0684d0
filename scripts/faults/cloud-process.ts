import { startCloud } from '../local/start-cloud.ts';
import { note } from '../terminal/output.ts';
import type { CloudEvent, CloudSetup } from './cloud.ts';

// Given by `Cloud`, in the same words.
const { account, stateFolder }: CloudSetup = JSON.parse(process.argv[2] ?? '');
const tell = (event: CloudEvent) => void process.send?.(JSON.stringify(event));
// Whoever started it has ended.
process.on('disconnect', () => process.exit());
const { endpoint } = await startCloud({
  account,
  stateFolder,
  onLog: ({ source, text }) => source === 'function' && tell({ line: text }),
  onFailure: ({ message }) => tell({ failure: message }),
  onDefect: (error) => note(`A fault of the local cloud: ${error instanceof Error ? error.stack : error}`),
});
tell({ endpoint });
