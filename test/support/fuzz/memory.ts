import { planted } from './planted-faults.ts';

export default planted('m', import.meta.url);
