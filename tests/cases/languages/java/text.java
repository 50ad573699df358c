import java.io.*;
import java.util.*;

public class Text {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        long sum = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            StringTokenizer tokens = new StringTokenizer(line);
            while (tokens.hasMoreTokens()) sum += Long.parseLong(tokens.nextToken());
        }
        System.out.println("Grüße 你好 🙂 " + sum);
        System.exit(3);
    }
}
