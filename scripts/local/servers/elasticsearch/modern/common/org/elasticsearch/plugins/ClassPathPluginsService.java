package org.elasticsearch.plugins;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.env.Environment;

/** The plugins of a node that stand on its class path, and not, as in the archive, in folders of its own: this package alone may make them known. */
public class ClassPathPluginsService extends PluginsService {
    private final List<LoadedPlugin> plugins;

    public ClassPathPluginsService(Environment environment, List<Plugin> plugins) {
        super(environment.settings(), environment.configDir(), noBundles());
        this.plugins = plugins.stream().map(ClassPathPluginsService::loaded).toList();
    }

    /** A loader of plugins that finds none. */
    public static PluginsLoader noBundles() {
        return PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false);
    }

    @Override
    protected List<LoadedPlugin> plugins() {
        return plugins;
    }

    /** What a plugin of the archive's names in a file of its jar, a plugin here is itself. */
    @Override
    public <T> List<? extends T> loadServiceProviders(Class<T> service) {
        List<T> providers = new ArrayList<>(super.loadServiceProviders(service));
        filterPlugins(service).forEach(providers::add);
        return providers;
    }

    private static LoadedPlugin loaded(Plugin plugin) {
        return new LoadedPlugin(describe(plugin.getClass()), plugin, ClassPathPluginsService.class.getClassLoader());
    }

    /** Read from text, as the versions differ in what a description is constructed from. */
    private static PluginDescriptor describe(Class<?> plugin) {
        Map<String, String> properties = Map.of(
            "name", plugin.getName(),
            "description", "on the class path",
            "version", "1",
            "elasticsearch.version", org.elasticsearch.Build.current().version(),
            "java.version", System.getProperty("java.specification.version"),
            "classname", plugin.getName());
        StringBuilder text = new StringBuilder();
        properties.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        try {
            return PluginDescriptor.readInternalDescriptorFromStream(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
