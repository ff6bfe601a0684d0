import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a search node from the arguments FOLDER [setting=value ...]: its own folders in FOLDER, and those that are given. */
final class NodeSettings {
    private NodeSettings() {}

    static Map<String, String> parse(String[] args) {
        Path folder = Path.of(args[0]);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("path.home", folder.toString());
        settings.put("path.data", folder.resolve("data").toString());
        settings.put("path.logs", folder.resolve("logs").toString());
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings;
    }
}
