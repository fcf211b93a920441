//! What a program needs before main: entry point, system calls, heap, threads, printing.
