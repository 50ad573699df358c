print("print(1)\nprint(2)\0\n")
