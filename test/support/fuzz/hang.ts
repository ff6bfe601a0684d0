import { planted } from './planted-faults.ts';

export default planted('h', import.meta.url);
