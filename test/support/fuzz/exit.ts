import { planted } from './planted-faults.ts';

export default planted('e', import.meta.url);
