int next(int n);
