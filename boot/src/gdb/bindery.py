"""Commands for gdb that show the binder driver's state: binder procs, threads, nodes, refs; and program NAME.

Only the types' layouts are taken from the debugger, the values are read as bytes: gdb cannot evaluate every Rust enum.
A table's vacant places are those on its chain of free slots.
"""

import gdb

# PROGRAMS, the programs' files by name, is set by the script in front of this text.


class Place:
    """A value of a known type somewhere in memory."""

    def __init__(self, address, type_):
        self.address = address
        self.type = type_.strip_typedefs()

    def __getattr__(self, name):
        for field in self.type.fields():
            # The discriminant of an enum has the name of a variant, but no fields.
            is_discriminant = field.is_base_class or field.artificial
            if field.name == name and not is_discriminant:
                return Place(self.address + field.bitpos // 8, field.type)
        raise gdb.GdbError(f"{self.type} has no {name}; is the kernel of this build running?")

    def number(self):
        """The value as a number, however many structs are around it."""
        size = self.type.sizeof
        memory = gdb.selected_inferior().read_memory(self.address, size)
        return int.from_bytes(memory.tobytes(), "little")


def kernel():
    name = "kernel::task::run::KERNEL"
    symbol = gdb.lookup_static_symbol(name) or gdb.lookup_global_symbol(name)
    if symbol is None:
        raise gdb.GdbError("the kernel's symbols are not loaded")
    mutex = Place(int(symbol.value().address), symbol.type)
    return Place(mutex.data.address, gdb.lookup_type("kernel::task::kernel::Kernel"))


def rows(table):
    """The occupied places of a table, with their numbers."""
    vector = table.slots
    start, length = vector.buf.inner.ptr.number(), vector.len.number()
    slot = vector.type.template_argument(0)
    slots = [Place(start + index * slot.sizeof, slot) for index in range(length)]
    vacant, free = set(), table.free.number()
    while free not in vacant and free < length:
        vacant.add(free)
        free = slots[free].link.number()
    for index, place in enumerate(slots):
        if index not in vacant:
            yield index, place.value


def choice(place):
    """The variant of an enum without fields."""
    names = {field.enumval: field.name.split("::")[-1] for field in place.type.fields()}
    return names.get(place.number(), "?")


def index(place):
    """The slot that an id means; None for no id."""
    bits = place.number()
    return bits & 0xFFFF_FFFF if bits else None


class Driver:
    """The driver's tables, each as numbers with rows."""

    def __init__(self):
        driver = kernel().driver
        self.procs = dict(rows(driver.procs))
        self.threads = dict(rows(driver.threads))
        self.nodes = dict(rows(driver.nodes))
        self.refs = dict(rows(driver.refs))

    def pid(self, proc):
        return self.procs[proc].pid.number() if proc in self.procs else "dead"


class Binder(gdb.Command):
    """Shows the binder driver's state: binder procs|threads|nodes|refs [PID]"""

    def __init__(self):
        super().__init__("binder", gdb.COMMAND_DATA)

    def complete(self, text, word):
        return [name for name in ("procs", "threads", "nodes", "refs") if name.startswith(word)]

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        shows = {"procs": procs, "threads": threads, "nodes": nodes, "refs": refs}
        if not words or words[0] not in shows or len(words) > 2:
            raise gdb.GdbError("usage: binder procs|threads|nodes|refs [PID]")
        shows[words[0]](Driver(), int(words[1]) if len(words) > 1 else None)


def procs(driver, only):
    print(f"{'PID':>5} {'CONTEXT':<9} {'THREADS':>7} {'NODES':>5} {'REFS':>4}")
    for number, proc in driver.procs.items():
        if only in (None, proc.pid.number()):
            own = lambda table, field: sum(index(getattr(row, field)) == number for row in table.values())
            context = choice(proc.context)
            counts = own(driver.threads, "proc"), own(driver.nodes, "owner"), own(driver.refs, "proc")
            print(f"{proc.pid.number():>5} {context:<9} {counts[0]:>7} {counts[1]:>5} {counts[2]:>4}")


LOOPER = ["registered", "entered", "exited", "invalid", "waiting", "poll"]


def threads(driver, only):
    print(f"{'PID':>5} {'TASK':>10} {'STATE':<24} STACK")
    for thread in driver.threads.values():
        pid = driver.pid(index(thread.proc))
        if only in (None, pid):
            bits = thread.looper.number()
            state = ",".join(name for bit, name in enumerate(LOOPER) if bits >> bit & 1)
            stack = "in a call" if index(thread.stack) is not None else ""
            print(f"{pid:>5} {thread.task.number():>10} {state:<24} {stack}")


def nodes(driver, only):
    print(f"{'NODE':>5} {'OWNER':>5} {'POINTER':<18} {'STRONG':>6} {'LOCAL':>5}")
    for node in driver.nodes.values():
        owner = driver.pid(index(node.owner))
        if only in (None, owner):
            pointer = f"{node.name.ptr.number():#x}"
            strong, local = node.remote_strong.number(), node.local_strong.number()
            print(f"{node.id.number():>5} {owner:>5} {pointer:<18} {strong:>6} {local:>5}")


def refs(driver, only):
    print(f"{'PID':>5} {'HANDLE':>6} {'STRONG':>6} {'WEAK':>4} {'NODE':>5} {'OWNER':>5}")
    for ref in driver.refs.values():
        pid, node = driver.pid(index(ref.proc)), driver.nodes[index(ref.node)]
        if only in (None, pid):
            owner, counts = driver.pid(index(node.owner)), (ref.strong.number(), ref.weak.number())
            handle, number = ref.handle.number(), node.id.number()
            print(f"{pid:>5} {handle:>6} {counts[0]:>6} {counts[1]:>4} {number:>5} {owner:>5}")


class Program(gdb.Command):
    """Loads the symbols of a program of the image: program NAME

    All programs have the same addresses: a breakpoint in one is hit by others, too."""

    def __init__(self):
        super().__init__("program", gdb.COMMAND_FILES)

    def complete(self, text, word):
        return [name for name in PROGRAMS if name.startswith(word)]

    def invoke(self, argument, from_tty):
        name = argument.strip()
        if name not in PROGRAMS:
            raise gdb.GdbError("there are: " + " ".join(sorted(PROGRAMS)))
        gdb.execute(f"add-symbol-file {PROGRAMS[name]}", to_string=True)
        print(f"the symbols of {name} are loaded")


Binder()
Program()
