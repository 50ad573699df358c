package org.example.numbers;

public class Forty {
    public static final int VALUE = Integer.parseInt("40");
}
