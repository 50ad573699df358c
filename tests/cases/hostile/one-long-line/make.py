print("print(sum([" + ",".join(["1"] * 32_700) + "]))")
