package some.where;

import java.util.*;

public class Holder {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        String shape = in.next();
        int kb = in.nextInt();
        int piece = shape.equals("one") ? kb << 10 : 1 << 14;
        List<byte[]> pieces = new ArrayList<>();
        for (int held = 0; held < kb << 10; held += piece) {
            pieces.add(new byte[piece - 16]);
        }
        System.out.println("held");
        if (pieces.get(0)[0] != 0) throw new IllegalStateException();
    }
}
