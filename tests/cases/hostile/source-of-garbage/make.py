print("# coding: unicode_escape_of_nobody\n" + "\udcff\udcfe\x01" * 1000)
