import { planted } from './planted-faults.ts';

export default planted('t', import.meta.url);
