#include "complain.h"

#include "console.h"

int complain(const WCHAR *what, const WCHAR *on_what)
{
    WCHAR message[CONSOLE_MESSAGE_CCH];
    console_error_message(GetLastError(), message);
    console_print(STD_ERROR_HANDLE, L"child: ", what, on_what, L": ", message, L"\r\n", NULL);
    return EXIT_FAILED;
}
