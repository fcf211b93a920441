/* Makes calls that the kernel lacks, each twice: the kernel's log names them, once. */
#include "try.h"

int main(void)
{
	for (int i = 0; i < 2; i++) {
		TRY(ptrace, 0, 0, 0, 0);
		TRY(io_uring_setup, 1, 0);
	}
	show("a number that is no call", CALL(4000));
	return 0;
}
