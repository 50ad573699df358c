print(1
undefined_name = = 2
