#include <stdio.h>
#include <sys/personality.h>

int main(void)
{
    printf("%d ", personality(ADDR_NO_RANDOMIZE));
    printf("%d ", personality(READ_IMPLIES_EXEC));
    printf("%d\n", personality(PER_LINUX32));
    return 0;
}
