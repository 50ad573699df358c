const = undefined_name;
