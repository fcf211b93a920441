set architecture i386:x86-64
set pagination off
set language rust
file KERNEL
source COMMANDS
target remote SOCKET

# Before it begins, the kernel's code is not in memory and takes no breakpoint but the processor's own.
define boot
  thbreak kernel::main
  continue
end
document boot
Lets the machine run until its kernel begins. From there on, break works as usual.
end

echo Commands: boot; binder procs|threads|nodes|refs [PID]; program NAME.\n
