print("print('before')\n\0\nprint('after')")
