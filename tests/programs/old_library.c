/* Stands in for a sharedmem.dll of other times, without the function that the child wants. */
int OtherFunction(void);

int OtherFunction(void)
{
    return 0;
}
