import { planted } from './planted-faults.ts';

export default planted('', import.meta.url);
