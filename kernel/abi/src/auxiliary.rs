//! Kinds of entries in the auxiliary vector, by which the kernel tells a new program about itself.

macro_rules! kinds {
    ($($name:ident $number:literal $doc:literal,)*) => {
        $(#[doc = $doc] pub const $name: u64 = $number;)*
    };
}

kinds! {
    AT_NULL 0 "The end of the vector.",
    AT_PHDR 3 "Where the program headers lie in memory.",
    AT_PHENT 4 "The size of a program header.",
    AT_PHNUM 5 "How many program headers there are.",
    AT_PAGESZ 6 "The size of a page.",
    AT_BASE 7 "Where the interpreter lies: 0, there is none.",
    AT_FLAGS 8 "Always 0.",
    AT_ENTRY 9 "The program's first instruction.",
    AT_UID 11 "The user.",
    AT_EUID 12 "The effective user.",
    AT_GID 13 "The group.",
    AT_EGID 14 "The effective group.",
    AT_PLATFORM 15 "Address of the processor family's name.",
    AT_HWCAP 16 "The processor's feature word: CPUID 1, EDX.",
    AT_CLKTCK 17 "Clock ticks per second, as `times` counts.",
    AT_SECURE 23 "Whether the program runs with more rights than who started it.",
    AT_RANDOM 25 "Address of 16 random bytes.",
    AT_HWCAP2 26 "More features: bit 1 says that FSGSBASE may be used.",
    AT_EXECFN 31 "Address of the program file's path.",
    AT_MINSIGSTKSZ 51 "The least room that a signal frame needs.",
}
