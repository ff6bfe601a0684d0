/** The memory of the function, and the most that a process may take, in MB: with what makes and checks the cases. */
export const memoryLimitMb = 512;
/** Less than all, so that the garbage collector has to work before the limit is reached. */
export const heapLimitMb = 256;
