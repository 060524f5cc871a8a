#include "app/extensions.h"

#include <algorithm>
#include <utility>

#include "pipeline/extension.h"

namespace weir::app {

using pipeline::ComponentId;
using pipeline::ComponentKind;
using pipeline::ComponentState;

Result<std::unique_ptr<Extensions>> Extensions::Build(
    const std::shared_ptr<const ServiceConfig>& service,
    const pipeline::GraphEnvironment& environment, const Extensions* running) {
  std::unique_ptr<Extensions> set(new Extensions(environment.logger));
  for (const ComponentId& id : service->service_extensions) {
    const ComponentEntry* wanted = service->Find(ComponentKind::kExtension, id);
    if (wanted == nullptr || set->FindEntry(id) != nullptr) continue;
    if (running != nullptr) {
      if (auto kept = Unchanged(*wanted, *running, *service)) {
        set->entries_.push_back(std::move(kept));
        continue;
      }
    }
    auto entry = std::make_shared<Entry>();
    entry->id = id;
    entry->factory = wanted->factory;
    entry->config = {service, wanted->config.get()};
    entry->raw = wanted->raw;
    if (Status status = Create(*entry, wanted->used_alias, environment); !status.ok())
      return Fail(status.WithPrefix("failed to create extension \"" + id.ToString() + "\": "));
    set->entries_.push_back(std::move(entry));
  }
  if (running == nullptr) return set;
  for (const auto& entry : running->started_) {
    if (set->Shares(*running, entry->id)) set->started_.push_back(entry);
  }
  return set;
}

// The running extension, if it and everything it asked for are configured as before.
std::shared_ptr<Extensions::Entry> Extensions::Unchanged(const ComponentEntry& wanted,
                                                         const Extensions& running,
                                                         const ServiceConfig& service) {
  const std::shared_ptr<Entry>* entry = running.FindEntry(wanted.id);
  if (entry == nullptr || !(*entry)->started || (*entry)->factory != wanted.factory ||
      !((*entry)->raw == wanted.raw))
    return nullptr;
  for (const ComponentId& asked : (*entry)->host->asked()) {
    const ComponentEntry* now = service.Find(ComponentKind::kExtension, asked);
    const auto& listed = service.service_extensions;
    const bool is_listed = std::find(listed.begin(), listed.end(), asked) != listed.end();
    const bool was_there = running.FindEntry(asked) != nullptr;
    if (was_there != (now != nullptr && is_listed)) return nullptr;
    if (was_there && asked != wanted.id && Unchanged(*now, running, service) == nullptr)
      return nullptr;
  }
  return *entry;
}

Status Extensions::Create(Entry& entry, bool used_alias,
                          const pipeline::GraphEnvironment& environment) {
  entry.logger = environment.logger.With(
      {{"otelcol.component.id", entry.id.ToString()}, {"otelcol.component.kind", "extension"}});
  if (used_alias)
    entry.logger.Warn("\"" + entry.id.type + "\" alias is deprecated; use \"" +
                      entry.factory->type + "\" instead");
  const pipeline::Settings settings{
      entry.id,           entry.logger,     environment.metrics, environment.executor,
      environment.memory, environment.build};
  const auto& factory = static_cast<const pipeline::ExtensionFactory&>(*entry.factory);
  Result<std::unique_ptr<pipeline::Extension>> created = factory.create(settings, *entry.config);
  if (!created) return created.error();
  entry.component = *std::move(created);
  return {};
}

const std::shared_ptr<Extensions::Entry>* Extensions::FindEntry(const ComponentId& id) const {
  for (const auto& entry : entries_) {
    if (entry->id == id) return &entry;
  }
  return nullptr;
}

Status Extensions::Start(pipeline::Host& host) {
  host_ = &host;
  started_now_.clear();
  starter_ = std::this_thread::get_id();
  logger_.Info("Starting extensions...");
  Status status;
  for (const auto& entry : entries_) {
    if (status.ok() && !entry->started) status = StartOne(*entry);
  }
  starter_ = std::thread::id();
  if (status.ok()) return status;
  for (auto it = started_now_.rbegin(); it != started_now_.rend(); ++it) {
    (*it)->component->Shutdown();
    (*it)->started = false;
    std::erase_if(started_, [&](const auto& entry) { return entry.get() == *it; });
  }
  return status;
}

Status Extensions::StartOne(Entry& entry) {
  entry.starting = true;
  entry.logger.Info("Extension is starting...");
  entry.host = std::make_unique<pipeline::ComponentHost>(*host_, entry.status);
  entry.status.Report(ComponentState::kStarting);
  Status status = entry.component->Start(*entry.host);
  entry.starting = false;
  if (status.ok() && !start_failure_.ok()) {
    // One it asked for could not be started, and it did not mind; the program does.
    entry.component->Shutdown();
    status = start_failure_;
  } else if (!status.ok()) {
    entry.status.Report(ComponentState::kPermanentError, status);
    entry.logger.Error("Failed to start extension", {{"error", status}});
  }
  if (!status.ok()) {
    // The first cause is told, not what followed from it.
    if (start_failure_.ok()) start_failure_ = status;
    return start_failure_;
  }
  entry.started = true;
  entry.status.ReportOkIfStarting();
  started_now_.push_back(&entry);
  started_.push_back(*FindEntry(entry.id));
  entry.logger.Info("Extension started.");
  return status;
}

void Extensions::Shutdown(const Extensions* next) {
  for (auto it = started_.rbegin(); it != started_.rend(); ++it) {
    Entry& entry = **it;
    if (!entry.started || (next != nullptr && next->Shares(*this, entry.id))) continue;
    entry.started = false;
    entry.status.Report(ComponentState::kStopping);
    entry.component->Shutdown();
    entry.status.Report(ComponentState::kStopped);
  }
}

void Extensions::NotifyReady(const Extensions* other) {
  for (const auto& entry : started_) {
    if (other != nullptr && Shares(*other, entry->id)) continue;
    if (auto* watcher = dynamic_cast<pipeline::PipelineWatcher*>(entry->component.get()))
      watcher->PipelinesReady();
  }
}

void Extensions::NotifyNotReady(const Extensions* other) {
  for (const auto& entry : started_) {
    if (other != nullptr && Shares(*other, entry->id)) continue;
    if (auto* watcher = dynamic_cast<pipeline::PipelineWatcher*>(entry->component.get()))
      watcher->PipelinesNotReady();
  }
}

pipeline::Component* Extensions::Find(const ComponentId& id) {
  const std::shared_ptr<Entry>* found = FindEntry(id);
  if (found == nullptr) return nullptr;
  Entry& entry = **found;
  if (starter_.load() == std::this_thread::get_id() && !entry.started && !entry.starting &&
      start_failure_.ok() && !StartOne(entry).ok())
    return nullptr;
  return entry.component.get();
}

bool Extensions::Shares(const Extensions& other, const ComponentId& id) const {
  const std::shared_ptr<Entry>* ours = FindEntry(id);
  const std::shared_ptr<Entry>* theirs = other.FindEntry(id);
  return ours != nullptr && theirs != nullptr && *ours == *theirs;
}

std::vector<pipeline::ComponentInfo> Extensions::Components() const {
  std::vector<pipeline::ComponentInfo> components;
  for (const auto& entry : entries_)
    components.push_back({ComponentKind::kExtension,
                          entry->id,
                          {},
                          entry->status.state(),
                          entry->status.error().message()});
  return components;
}

}  // namespace weir::app
